"""The request, whoever brings it: phone, desk, SAS; its state machine."""
