"""The pages of rotas: the coordinator's « Roulement », and a doctor's own turns."""
