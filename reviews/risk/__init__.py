"""Pure scoring of the risk map: exposure, proximity, severity, confidence, cause and symptom, rank."""
