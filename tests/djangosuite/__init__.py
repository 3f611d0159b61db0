"""Django's own tests on the engines, beside Django's engines: script/djangosuite."""
