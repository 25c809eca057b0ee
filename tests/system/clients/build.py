#!/usr/bin/env python3
"""Builds the check of one language in a folder, fetching what it needs into that folder.

    build.py go|node|java FOLDER

Every version is pinned beside the sources, and every file that is fetched by its hash: go.sum, package-lock.json,
java/artifacts.sha256. A second run in the same folder fetches nothing. Needs protoc and the language's own tools:
Go 1.19, Node 18 with npm, or a JDK 17 with Maven, or later ones.
"""

import argparse
import filecmp
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PROTOS = HERE.parents[2] / "proto"


class Failed(Exception):
    """What could not be built, in words."""


def run(command, folder, **environment):
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}")


def lay_out(language, folder):
    """The sources in the folder; whether any of them is another than last time."""
    changed = False
    for source in sorted((HERE / language).rglob("*")):
        target = folder / source.relative_to(HERE / language)
        if source.is_dir() or target.exists() and filecmp.cmp(source, target, shallow=False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        changed = True
    return changed


def protos():
    return sorted(str(file) for file in PROTOS.glob("kasa/v1/*.proto"))


def build_go(folder):
    """Generators and program are built of the same go.mod; -mod=readonly holds every module against go.sum."""
    lay_out("go", folder)
    (folder / "kasa" / "v1").mkdir(parents=True, exist_ok=True)
    settings = {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off"}
    run(["go", "build", "-o", "bin/", "google.golang.org/protobuf/cmd/protoc-gen-go",
         "google.golang.org/grpc/cmd/protoc-gen-go-grpc"], folder, **settings)
    run(["protoc", f"--proto_path={PROTOS}", "--go_out=.", "--go_opt=paths=source_relative", "--go-grpc_out=.",
         "--go-grpc_opt=paths=source_relative", *protos()], folder, PATH=f"{folder / 'bin'}:{os.environ['PATH']}")
    run(["go", "build", "-o", "check", "."], folder, **settings)
    return [folder / "check"]


def build_node(folder):
    """Nothing is compiled. npm ci installs exactly what package-lock.json says, and no script of a package runs."""
    if lay_out("node", folder) or not (folder / "node_modules").is_dir():
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], folder)
    return ["node", folder / "check.js", PROTOS]


def build_java(folder):
    """Maven has no lock file, so the files that it fetched are held against their hashes before any of them runs in the
    check; what it fetched before is not fetched again."""
    lay_out("java", folder)
    repository = folder / "repository"
    command = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", f"-Dmaven.repo.local={repository}",
               f"-Dkasa.protos={PROTOS}", "compile"]
    try:
        run([*command, "--offline"], folder)
    except Failed:
        run(command, folder)
    jars = [pathlib.Path(jar) for jar in (folder / "target" / "classpath").read_text().split(os.pathsep)]
    check_artifacts(repository, jars + sorted(repository.rglob("*.exe")))
    return ["java", "-cp", os.pathsep.join(map(str, [folder / "target" / "classes", *jars])), "Check"]


def check_artifacts(repository, files):
    known = dict(reversed(line.split()) for line in (HERE / "java" / "artifacts.sha256").read_text().splitlines())
    for name in known:
        if (repository / name).is_file() and repository / name not in files:
            files.append(repository / name)
    for file in files:
        name = str(file.relative_to(repository))
        if name not in known:
            raise Failed(f"{name} is not in artifacts.sha256")
        if hashlib.sha256(file.read_bytes()).hexdigest() != known[name]:
            raise Failed(f"{name} is another than the one that artifacts.sha256 pins")


BUILDERS = {"go": build_go, "node": build_node, "java": build_java}


def build(language, folder):
    """The command that runs the check, without its arguments."""
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return BUILDERS[language](folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=BUILDERS)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    try:
        build(options.language, options.folder)
    except Failed as failure:
        print(f"build.py: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
