# The runbooks' Verify: lines, file.
exec tail -n "$1" -- "$2"
