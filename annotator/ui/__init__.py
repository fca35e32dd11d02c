"""What people see: widgets that are told a state and say what was done. They ask the workflow only."""
