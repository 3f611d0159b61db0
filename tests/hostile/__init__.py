"""What databases answer differently, and reports over it, in an app of the tests alone."""

import zoneinfo

# The locked package's time zones, not the machine's: two releases differ, and so would what is
# expected. Here, because settings.test imports this app before anyone makes a zone.
zoneinfo.reset_tzpath(to=())
