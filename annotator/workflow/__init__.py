"""What a person is doing: signals of QtCore allowed, widgets forbidden."""
