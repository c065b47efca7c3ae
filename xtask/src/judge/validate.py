"""Validates Kubernetes manifests with the kubernetes-validate library, all files in one process.

usage: python validate.py VERSIONS FOLDER...
Reads every *.yaml and *.yml below the folders, every document in them, and validates each strictly against the newest
VERSIONS versions that the library knows. Prints one JSON object. A document whose kind the library does not know is a
problem too: a misspelt apiVersion must not pass as unknown.
"""

import functools
import json
import pathlib
import sys

import kubernetes_validate
import yaml
from kubernetes_validate import utils

# The library reads its schemas again for each document; they never change while we run.
utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)


def newest(count):
    minors = []
    for version in utils.all_versions():
        minor = utils.major_minor(version)
        if minor not in minors:
            minors.append(minor)
    return minors[-count:]


def line_at(node, path):
    """The line of the value at a path of keys and indexes, as far as it can be followed."""
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            key, node = found[0]
            if isinstance(node, yaml.ScalarNode):
                return key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            break
    return node.start_mark.line + 1


def repeated_keys(node):
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from repeated_keys(value)


def name_of(document):
    metadata = document.get("metadata") or {}
    return "%s/%s" % (document.get("kind"), metadata.get("name"))


def problems_of_document(document, node, versions):
    for key in repeated_keys(node):
        yield key.start_mark.line + 1, "", "the key `%s` is written twice" % key.value
    if not isinstance(document, dict) or not document.get("apiVersion") or not document.get("kind"):
        yield node.start_mark.line + 1, "", "no Kubernetes object: apiVersion or kind is missing"
        return
    refused = {}
    for version in versions:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            path = list(error.path)
            message = "%s: %s" % (".".join(map(str, path)) or "object", error.message)
            refused.setdefault((line_at(node, path), message), []).append(version)
        except kubernetes_validate.SchemaNotFoundError as error:
            message = "no kind %s in %s" % (error.kind, error.api_version)
            refused.setdefault((line_at(node, ["kind"]), message), []).append(version)
        except Exception as error:
            refused.setdefault((line_at(node, []), repr(error)), []).append(version)
    for (line, message), found in refused.items():
        yield line, "%s on Kubernetes %s:" % (name_of(document), ", ".join(found)), message


def main():
    versions = newest(int(sys.argv[1]))
    report = {"tool": utils.__version__, "versions": versions, "files": 0, "documents": 0, "problems": []}
    for folder in sys.argv[2:]:
        found = pathlib.Path(folder).rglob("*")
        for file in sorted(path for path in found if path.suffix in (".yaml", ".yml") and path.is_file()):
            report["files"] += 1

            def add(line, where, message):
                problem = {"file": str(file), "line": line, "where": where, "message": message}
                report["problems"].append(problem)

            try:
                text = file.read_text(encoding="utf-8")
                nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
                documents = list(yaml.safe_load_all(text))
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                mark = getattr(error, "problem_mark", None)
                add(mark.line + 1 if mark else 1, "", "no YAML: %s" % error)
                continue
            pairs = [(node, document) for node, document in zip(nodes, documents) if document is not None]
            report["documents"] += len(pairs)
            for node, document in pairs:
                for problem in problems_of_document(document, node, versions):
                    add(*problem)
    json.dump(report, sys.stdout)


main()
