"""YAML of deploy/ as JSON, and Prometheus rules checked; see manifests.sh."""

import json
import sys

import promql_parser
import yaml

verb, *files = sys.argv[1:]
documents = []
for file in files:
    with open(file, encoding="utf-8") as text:
        documents += [document for document in yaml.safe_load_all(text) if document is not None]
if verb == "rules":
    for group in documents[0]["groups"]:
        for rule in group["rules"]:
            promql_parser.parse(rule["expr"])
print(json.dumps(documents))
