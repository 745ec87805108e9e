"""The live service: tables, commands, who may see what, deliveries and deadlines."""
