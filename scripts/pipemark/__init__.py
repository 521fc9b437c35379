"""What pipemark does with result files: CSV, pictures, reports, comparisons.

reports/FORMAT.md describes the files. Knobs and metrics come from the result
file itself; nothing here copies their tables.
"""
