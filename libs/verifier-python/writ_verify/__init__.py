"""An independent verifier of Writ bundles. Written from docs/reference/bundle.md and docs/architecture.md, not from the other verifier."""
