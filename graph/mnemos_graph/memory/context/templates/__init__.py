"""Templates: how an organization wants its contexts written. A part of Handlebars, and nothing else."""
