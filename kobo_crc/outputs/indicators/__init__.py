"""The figures that donors and coordinators ask for, by calendar month: each defined once, published once."""
