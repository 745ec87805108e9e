"""The pages: Django templates, htmx and the U.S. Web Design System."""
