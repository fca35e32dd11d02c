"""The network as a table of layers, as an ONNX file, and what runs it."""
