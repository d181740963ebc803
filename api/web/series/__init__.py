"""Pages of series of physiotherapy: a carer's list, a series, its sheet, relays. Decides nothing."""
