"""The catalogue: models, what each accepts, and its prices; rows dated and sourced."""
