"""Language models: one protocol, a module for each provider, one for each thing around any of them."""
