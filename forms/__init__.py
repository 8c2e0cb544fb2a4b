"""Forms: the words beside a field and the checks behind it. One small file per step or subject."""
