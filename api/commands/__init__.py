"""The subcommands of snp, one module each."""
