"""The store's and the vault's tables as data: every column described once, with type, class and code list."""
