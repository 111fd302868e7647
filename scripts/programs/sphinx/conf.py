project = "Site"
html_theme = "furo"
