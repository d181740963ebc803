"""The table of problems: each refusal's slug, its HTTP status, its name in two languages, and what to do.

`type` in an answer is `urn:snp:problem:<slug>`: stable whatever the host. `/problems/<slug>` tells the rest.
Source: RFC 9457; statuses from RFC 9110 and RFC 6585.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

URN: Final = "urn:snp:problem:"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem. `advice`: what who meets it should do, in French."""

    slug: str
    status: int
    title: str
    title_fr: str
    advice: str

    @property
    def urn(self) -> str:
        """The stable name carried by `type`."""
        return URN + self.slug


_REREAD: Final = "Relisez la fiche, reportez-y votre modification, puis renvoyez-la."
_OTHER_SLOT: Final = "Choisissez une autre proposition ; le refus en porte de nouvelles quand il y en a."
_CORRECT: Final = "Corrigez la valeur indiquée, puis renvoyez la demande."
_STEP: Final = "Relisez le dossier : son état dit quelles étapes sont ouvertes."
_FHIR: Final = "Relisez le guide d’implémentation SAS ; `/fhir/metadata` dit ce qui est servi."
_LATER: Final = "Réessayez après le délai indiqué par « Retry-After »."
_RIGHTS: Final = "Demandez ce droit au coordinateur de votre CPTS ou à l’administrateur."

_ROWS: Final[tuple[tuple[str, int, str, str, str], ...]] = (
    # The door itself
    ("malformed-body", 400, "Malformed body", "Corps illisible", "Envoyez du JSON valide, en UTF-8."),
    ("bad-request", 400, "Bad request", "Demande mal formée", "Relisez la documentation de la route."),
    (
        "unknown-host",
        400,
        "Unknown host",
        "Nom de service inconnu",
        "Appelez le service par son adresse publique ; l’exploitant nomme les autres (SNP_TRUSTED_HOSTS).",
    ),
    (
        "not-signed-in",
        401,
        "Not signed in",
        "Non authentifié",
        "Connectez-vous, ou présentez une clé valide dans « Authorization: Bearer ».",
    ),
    ("forbidden", 403, "Forbidden", "Interdit", _RIGHTS),
    ("scope-missing", 403, "Scope missing", "Portée absente", "Utilisez une clé qui porte cette portée."),
    ("out-of-reach", 403, "Out of reach", "Hors de votre périmètre", _RIGHTS),
    ("csrf-refused", 403, "Form token refused", "Formulaire expiré", "Rechargez la page et recommencez."),
    ("not-found", 404, "Not found", "Introuvable", "Vérifiez l’identifiant, et que vous y avez accès."),
    ("no-such-route", 404, "No such route", "Adresse inconnue", "Les routes sont décrites sous /docs."),
    ("method-not-allowed", 405, "Method not allowed", "Méthode refusée", "Voyez l’en-tête « Allow »."),
    ("not-acceptable", 406, "Not acceptable", "Format non disponible", "Acceptez « application/json »."),
    (
        "series-not-found",
        404,
        "No such series",
        "Série introuvable",
        "Vérifiez la référence : une série n’est ouverte qu’à ses soignants.",
    ),
    ("sheet-not-found", 404, "No sheet", "Fiche introuvable", "Attendez que la fiche soit terminée."),
    ("pass-not-found", 404, "No such offer", "Proposition introuvable", "Relisez la liste des propositions."),
    ("relay-not-found", 404, "No such relay", "Relais introuvable", "Relisez la liste des relais."),
    (
        "emergency-not-needed",
        409,
        "No emergency needed",
        "Dossier de votre territoire",
        "Ouvrez le dossier par la liste : aucun accès d’urgence n’est nécessaire.",
    ),
    (
        "emergency-over",
        409,
        "Emergency access over",
        "Accès d’urgence terminé",
        "Si l’urgence dure, ouvrez un autre accès et dites pourquoi.",
    ),
    ("series-closed", 409, "Series closed", "Série terminée", "Ouvrez une nouvelle demande."),
    (
        "series-full",
        409,
        "Series full",
        "Série complète",
        "Remettez la suite au kinésithérapeute du choix du patient.",
    ),
    (
        "sessions-to-come",
        409,
        "Sessions to come",
        "Séances à venir",
        "Attendez les séances à venir, ou annulez-les.",
    ),
    ("no-session-yet", 409, "No session yet", "Aucune séance commencée", "Attendez la première séance."),
    (
        "pass-pending",
        409,
        "Already offered",
        "Série déjà proposée",
        "Attendez la réponse, ou retirez l’offre.",
    ),
    (
        "direct-access-not-allowed",
        422,
        "No direct access",
        "Accès direct fermé",
        "Demandez une prescription ou un diagnostic médical.",
    ),
    (
        "direct-access-exhausted",
        422,
        "Direct access exhausted",
        "Accès direct épuisé",
        "Demandez une prescription, ou attendez le jour indiqué.",
    ),
    ("outside-relay", 422, "Outside the relay", "Hors du relais", "Choisissez un créneau pendant le relais."),
    ("conflict", 409, "Conflict", "Conflit", "Relisez, puis recommencez."),
    ("version-mismatch", 412, "Version mismatch", "Fiche modifiée entre-temps", _REREAD),
    (
        "request-too-slow",
        408,
        "Request too slow",
        "Demande trop lente",
        "Renvoyez la demande : son corps n’est pas arrivé à temps.",
    ),
    (
        "body-too-complex",
        413,
        "Body too complex",
        "Corps trop imbriqué",
        "Envoyez moins de valeurs à la fois, moins imbriquées.",
    ),
    ("address-too-long", 414, "Address too long", "Adresse trop longue", "Raccourcissez la recherche."),
    ("body-too-large", 413, "Body too large", "Corps trop volumineux", "Envoyez moins à la fois."),
    (
        "unsupported-media-type",
        415,
        "Unsupported media type",
        "Type de contenu refusé",
        "Envoyez « Content-Type: application/json ».",
    ),
    ("validation", 422, "Validation failed", "Valeurs refusées", "« errors » nomme chaque champ fautif."),
    ("invalid-value", 422, "Invalid value", "Valeur refusée", _CORRECT),
    ("refused", 422, "Refused", "Demande refusée", "La phrase du refus en dit la raison."),
    (
        "precondition-required",
        428,
        "Precondition required",
        "Version requise",
        "Renvoyez l’« ETag » lu dans l’en-tête « If-Match ».",
    ),
    ("too-many-requests", 429, "Too many requests", "Trop de demandes", _LATER),
    (
        "internal",
        500,
        "Internal error",
        "Erreur interne",
        "Signalez l’identifiant de la demande (« X-Request-ID ») ; rien n’a été enregistré.",
    ),
    ("busy", 503, "Busy", "Service très sollicité", _LATER),
    ("unavailable", 503, "Unavailable", "Service indisponible", _LATER),
    # Repetition of creating requests
    (
        "idempotency-key-invalid",
        400,
        "Invalid idempotency key",
        "Clé d’idempotence invalide",
        "1 à 200 caractères ASCII visibles ; un UUID convient.",
    ),
    (
        "idempotency-key-in-use",
        409,
        "Idempotency key in use",
        "Demande déjà en cours",
        "La même demande est en cours : attendez sa réponse, ou répétez-la un peu plus tard.",
    ),
    (
        "idempotency-key-reused",
        422,
        "Idempotency key reused",
        "Clé d’idempotence déjà utilisée",
        "Cette clé a servi à une autre demande : prenez-en une neuve.",
    ),
    # Accounts
    ("login-taken", 409, "Login taken", "Identifiant déjà pris", "Choisissez un autre identifiant."),
    (
        "regulator-identifier-held",
        422,
        "Identifier held by another regulator",
        "Identifiant déjà porté",
        "Désactivez d’abord le compte qui le porte, ou modifiez ce compte.",
    ),
    (
        "several-regulators",
        412,
        "Several regulators match",
        "Plusieurs comptes correspondent",
        "Donnez le système de l’identifiant : « système|valeur ».",
    ),
    (
        "managed-by-platform",
        403,
        "Managed by the platform",
        "Compte géré par la plateforme SAS",
        "Le régulateur entre par la plateforme SAS, sans mot de passe.",
    ),
    (
        "no-regulator-account",
        403,
        "No regulator account",
        "Aucun compte de régulateur",
        "Demandez à votre SAS que votre compte nous soit transmis et soit actif.",
    ),
    (
        "sso-not-configured",
        503,
        "Delegated sign-in not configured",
        "Connexion déléguée non réglée",
        "L’administrateur renseigne les réglages « SNP_SAS_SSO_… ».",
    ),
    ("sso-unavailable", 503, "Delegated sign-in unavailable", "Connexion déléguée indisponible", _LATER),
    (
        "sso-refused",
        403,
        "Delegated sign-in refused",
        "Connexion déléguée refusée",
        "Revenez à la plateforme SAS et ouvrez de nouveau le créneau.",
    ),
    (
        "address-not-allowed",
        403,
        "Address not allowed",
        "Adresse refusée",
        "Présentez la clé depuis un réseau autorisé, ou faites ajouter cette adresse.",
    ),
    ("key-not-running", 409, "Key not running", "Clé arrêtée", "Créez une autre clé."),
    (
        "invalid-client",
        401,
        "Invalid client",
        "Client non reconnu",
        "Vérifiez « client_id » (le préfixe de la clé) et « client_secret ».",
    ),
    (
        "invalid-scope",
        400,
        "Invalid scope",
        "Portée non accordée",
        "Demandez des portées que la clé possède.",
    ),
    (
        "logout-refused",
        400,
        "Logout order refused",
        "Ordre de déconnexion refusé",
        "Voyez OpenID Connect Back-Channel Logout 1.0, paragraphe 2.6.",
    ),
    # FHIR
    ("fhir-malformed", 400, "Malformed FHIR request", "Demande FHIR mal formée", _FHIR),
    ("fhir-bad-parameter", 400, "Search parameter refused", "Paramètre de recherche refusé", _FHIR),
    ("fhir-bad-resource", 422, "FHIR resource refused", "Ressource FHIR refusée", _FHIR),
    (
        "fhir-certificate-required",
        403,
        "Client certificate required",
        "Certificat client requis",
        "Présentez le certificat que le réglage du service autorise.",
    ),
    (
        "fhir-certificate-refused",
        403,
        "Client certificate refused",
        "Certificat client refusé",
        "Comparez le CN et l’OU du certificat à ceux que le réglage du service autorise.",
    ),
    # Directory
    (
        "identifier-already-used",
        409,
        "Identifier already used",
        "Numéro déjà utilisé",
        "Cherchez la fiche qui le porte.",
    ),
    (
        "slug-already-used",
        409,
        "Short name already used",
        "Nom court déjà pris",
        "Choisissez un autre nom court.",
    ),
    ("unknown-reference", 422, "Unknown reference", "Référence inconnue", _CORRECT),
    (
        "membership-overlap",
        409,
        "Membership overlap",
        "Adhésion déjà en cours",
        "Terminez d’abord l’adhésion en cours.",
    ),
    ("bad-file", 422, "Unreadable file", "Fichier illisible", "Partez du modèle de fichier."),
    # Agenda
    (
        "practitioner-cannot-publish",
        422,
        "Cannot publish",
        "Publication impossible",
        "Vérifiez la fiche du professionnel.",
    ),
    (
        "not-a-member",
        422,
        "Not a member",
        "Pas membre de la CPTS",
        "Inscrivez d’abord le professionnel dans cette CPTS.",
    ),
    (
        "outside-snp-hours",
        422,
        "Outside SNP hours",
        "Hors des heures SNP",
        "Publiez dans les heures du territoire.",
    ),
    (
        "overlapping-slot",
        409,
        "Overlapping slot",
        "Créneau chevauché",
        "Reprenez l’autre créneau, ou changez l’heure.",
    ),
    ("during-absence", 422, "During an absence", "Pendant une absence", "Levez l’absence, puis publiez."),
    ("slot-in-the-past", 422, "Slot in the past", "Créneau passé", "Choisissez une heure à venir."),
    (
        "release-already-due",
        422,
        "Release already due",
        "Restitution immédiate",
        "Réduisez le délai de restitution.",
    ),
    (
        "invalid-recurrence",
        422,
        "Invalid recurrence",
        "Récurrence refusée",
        "FREQ=WEEKLY;BYDAY=… (RFC 5545).",
    ),
    ("not-an-occurrence", 422, "Not an occurrence", "Pas une occurrence", "Choisissez un jour de la série."),
    ("occurrence-started", 422, "Occurrence started", "Séance commencée", "Modifiez ses créneaux un à un."),
    ("pattern-ended", 409, "Pattern ended", "Série terminée", "Publiez une nouvelle série."),
    ("absence-lifted", 409, "Absence already lifted", "Absence déjà levée", "Il n’y a plus rien à faire."),
    (
        "reason-required",
        422,
        "Reason required",
        "Motif obligatoire",
        "Indiquez un motif : quelqu’un compte sur ce créneau.",
    ),
    ("slot-not-open", 409, "Slot not open", "Créneau fermé", _OTHER_SLOT),
    ("slot-not-offered", 422, "Slot not offered here", "Créneau non proposé ici", _OTHER_SLOT),
    ("link-not-open", 409, "Link not open", "Lien fermé", "Demandez un nouveau lien, ou connectez-vous."),
    ("calendar-unreadable", 422, "Calendar unreadable", "Calendrier illisible", "Vérifiez l’adresse."),
    ("too-many-calendars", 409, "Too many calendars", "Trop de calendriers", "Retirez-en un d’abord."),
    # Rotas
    ("rota-not-found", 404, "Rota not found", "Roulement introuvable", "Vérifiez l’identifiant."),
    ("not-in-the-rota", 422, "Not in the rota", "Hors du roulement", "Voyez avec votre coordinateur."),
    (
        "rota-plan-in-progress",
        409,
        "Plan in progress",
        "Projet en attente",
        "Confirmez-le ou écartez-le d’abord.",
    ),
    (
        "rota-plan-not-confirmable",
        409,
        "Plan not confirmable",
        "Projet périmé",
        "Demandez un nouveau calcul.",
    ),
    ("rota-rule-broken", 422, "Rota rule broken", "Règle du roulement", "Choisissez une autre garde."),
    ("rota-turn-over", 409, "Turn over", "Garde commencée ou cédée", "Relisez le roulement."),
    ("rota-already-proposed", 409, "Already proposed", "Déjà proposé", "Attendez la réponse."),
    ("rota-already-replied", 409, "Already replied", "Réponse déjà donnée", "Relisez le roulement."),
    ("rota-shift-full", 409, "Shift full", "Garde pourvue", "Choisissez une autre garde."),
    # Requests and desks
    ("still-served", 409, "Still served", "Dossier encore ouvert", "Terminez ou annulez le dossier."),
    ("illegal-move", 409, "Illegal move", "Étape impossible", _STEP),
    ("unknown-sign", 422, "Unknown sign", "Signe inconnu", "Relisez la liste des motifs."),
    (
        "signs-not-reviewed",
        422,
        "Signs not reviewed",
        "Signes non vérifiés",
        "Passez tous les signes en revue.",
    ),
    ("desk-not-allowed", 403, "Desk not allowed", "Agenda réservé", "Orientez vers le 116 117."),
    # The list of people without a médecin traitant
    ("mt-entry-moved", 409, "Entry moved", "Inscription déjà ailleurs", "Relisez l’inscription."),
    ("mt-already-listed", 409, "Already on the list", "Déjà sur la liste", "Relisez l’inscription."),
    ("mt-no-place-left", 409, "No place left", "Plus de place", "Déclarez d’autres places."),
    ("mt-pick-ended", 409, "Pick ended", "Choix terminé", "Relisez vos choix."),
    ("mt-not-a-doctor", 422, "Not a doctor", "Réservé aux médecins", "Connectez-vous comme médecin."),
    # Claims
    ("slot-already-taken", 409, "Slot already taken", "Créneau déjà pris", _OTHER_SLOT),
    ("slot-does-not-suit", 422, "Slot does not suit", "Créneau inadapté", _OTHER_SLOT),
    ("slot-kept-for-promise", 409, "Slot kept for a promise", "Créneau promis", _OTHER_SLOT),
    ("lent-out", 409, "Lent out", "Prêt du jour épuisé", _OTHER_SLOT),
    ("sharing-settled", 409, "Agreement settled", "Accord déjà réglé", "Relisez l’accord de partage."),
    (
        "too-many-sharings",
        409,
        "Too many agreements",
        "Trop d’accords",
        "Terminez un accord entre ces deux territoires.",
    ),
    ("no-promise", 422, "No promise", "Promesse impossible", "Demandez des propositions (« at_once »)."),
    ("already-promised", 409, "Already promised", "Déjà promis", "Relisez l’explication du dossier."),
    (
        "not-for-patients",
        409,
        "Not for patients to move",
        "Déplacement impossible ici",
        "Appelez qui vous a donné le rendez-vous.",
    ),
    ("slots-do-not-follow", 422, "Slots do not follow", "Créneaux incompatibles", _OTHER_SLOT),
    ("hold-expired", 409, "Hold expired", "Réservation expirée", "Demandez de nouvelles propositions."),
    ("hold-ended", 409, "Hold ended", "Réservation terminée", "Relisez le dossier."),
    ("illegal-appointment-status", 409, "Illegal status", "État impossible", "Relisez le rendez-vous."),
    ("appointment-started", 422, "Appointment started", "Rendez-vous commencé", "Dites s’il a été honoré."),
    ("appointment-not-yet-due", 422, "Appointment not yet due", "Rendez-vous à venir", "Attendez son heure."),
    (
        "run-in-progress",
        409,
        "Run in progress",
        "Affectation en cours",
        "Attendez sa fin, puis relisez les exécutions.",
    ),
    (
        "message-not-replayable",
        409,
        "Message not replayable",
        "Message non renvoyable",
        "Relisez l’état du message : il est parti, ou va partir.",
    ),
    (
        "message-not-droppable",
        409,
        "Message not droppable",
        "Message non retirable",
        "Relisez l’état du message : il est déjà réglé.",
    ),
    (
        "month-not-over",
        409,
        "Month not over",
        "Mois en cours",
        "Un relevé se clôt une fois son mois terminé.",
    ),
    (
        "already-called",
        409,
        "Already called",
        "Appel déjà en cours",
        "Attendez la fin de l’appel en cours, ou annulez-le.",
    ),
    (
        "slot-call-ended",
        409,
        "Call for slots ended",
        "Appel terminé",
        "Relisez l’appel ; ouvrez-en un autre au besoin.",
    ),
    ("moment-gone", 409, "Moment gone", "Créneau plus à prendre", "Choisissez un autre moment."),
    ("nobody-to-ask", 422, "Nobody to ask", "Personne à solliciter", "Lisez l’aperçu de l’appel."),
    (
        "indicator-code-taken",
        409,
        "Indicator code taken",
        "Nom court déjà pris",
        "Choisissez un autre nom court, ou modifiez l’indicateur qui le porte.",
    ),
    ("demo-refused", 409, "Demo refused", "Démonstration refusée", "La démonstration veut une base à elle."),
    # The engine's files
    ("malformed-input", 422, "Malformed input", "Document mal formé", _CORRECT),
    ("answer-not-allowed", 500, "Answer not allowed", "Réponse interdite", "Signalez cette erreur."),
)

PROBLEM_TYPES: Final[dict[str, ProblemType]] = {row[0]: ProblemType(*row) for row in _ROWS}


def problem_type(slug: str) -> ProblemType:
    """Return the row of a slug. Raises `KeyError`."""
    return PROBLEM_TYPES[slug]
