"""The store and the vault as databases: engines, sessions, locks, migrations."""
