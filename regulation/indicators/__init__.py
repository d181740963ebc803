"""What is told of a territory's care: definitions, figures, masks, reports. Reads only, names nobody."""
