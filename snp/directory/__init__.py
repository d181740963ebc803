"""Who cares, and where: practitioners, sites, organisations, territories, communes."""
