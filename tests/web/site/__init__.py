"""The site that tests start servers for, with additional reports."""
