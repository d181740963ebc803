"""Series of physiotherapy: 1 to 3 sessions with one carer, their sheet, and what comes after. No HTTP."""
