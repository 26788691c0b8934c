"""writ-verify BUNDLE --trust PAGE.json [--checkpoint FILE ...]: prints the report as JSON; exit codes as docs/reference/bundle.md has them."""
import argparse
import json
import sys
from .bundle import audit


def main() -> int:
    parser = argparse.ArgumentParser(prog="writ-verify", description="Verifies a Writ bundle or export, offline.")
    parser.add_argument("bundle", help="a bundle's folder, or an export file")
    parser.add_argument("--trust", required=True, help="the trust page: org, roots, threshold, origin, witnesses")
    parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint from elsewhere")
    parser.add_argument("--require", choices=["sealed", "witnessed"])
    options = parser.parse_args()
    try:
        with open(options.trust, "rb") as file:
            trust = json.load(file)
        outside = []
        for name in options.checkpoint:
            with open(name, "rb") as file:
                outside.append(file.read())
        report = audit(options.bundle, trust, outside)
    except (OSError, ValueError, KeyError) as error:
        print(f"writ-verify: {error}", file=sys.stderr)
        return 64
    print(json.dumps(report, indent=2, ensure_ascii=False))
    if report["record"] == "INVALID":
        return 1
    if report["record"] == "DIVERGED":
        return 4
    if report["authority"] == "VIOLATION":
        return 2
    enough = {"sealed": ("SEALED", "WITNESSED"), "witnessed": ("WITNESSED",)}.get(options.require)
    # Decisions are not derived again here: authority is never better than undetermined.
    return 5 if enough and report["record"] not in enough else 3


if __name__ == "__main__":
    sys.exit(main())
