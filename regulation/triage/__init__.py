"""Pure, versioned, sourced tables: answers to disposition and reasons; the desk's eligibility guard."""
