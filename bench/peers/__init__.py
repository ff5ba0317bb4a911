"""What loadstone is measured against: the same formulas in NumPy, each in the fastest form we found.

Everything here runs in processes of one thread each (see processes.py), which NumPy does best: its own threads help
neither the many small eigenproblems nor products of this shape.
"""
