"""The rooms of the project as data, and a check that the tree keeps to them.

The table of docs/architecture.md, "Rooms", is ROOMS below: what each room may include. Everything that is not
allowed is refused, so that a new library is a decision that is written down here. CMake's link lines enforce
the same between rooms; this also covers what lies in /usr/include, where any room can reach it.

    rooms.py ROOT     prints what breaks the rules in the tree at ROOT; status 1 if anything does
"""

import pathlib
import re
import subprocess
import sys
from typing import Iterable, Iterator, NamedTuple

# Where a header comes from, by how it is included. The first that matches counts; what matches none and has
# no slash and no ".h" is the C++ standard library's.
KINDS = (
    ("gRPC", r"(grpc|grpc\+\+|grpcpp)/|.*\.grpc\.pb\.h$"),
    ("contract", r"kasa/v1/.*\.pb\.h$"),
    ("protobuf", r"google/protobuf/|google/(rpc|type|api)/.*\.pb\.h$"),
    ("Abseil", r"absl/"),
    ("SQL", r"(sqlite3(ext)?\.h|SQLiteCpp/|libpq|pqxx/)"),
    ("HTTP", r"curl/"),
    ("JSON", r"(rapidjson|nlohmann|json)/|json\.h(pp)?$"),
    ("Boost", r"boost/"),
    ("crypto", r"openssl/"),
    ("phone numbers", r"phonenumbers/"),
    ("GoogleTest", r"(gtest|gmock)/"),
    ("project", r"(common|server|client|tools|tests|kasa/client)/"),
    ("input and output", r"(fstream|iostream|filesystem|cstdio|stdio\.h|syncstream)$"),
    ("threads", r"(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token)$"),
    ("C", r"(assert|ctype|errno|float|inttypes|limits|locale|math|signal|stdarg|stddef|stdint|stdlib|string|time|"
          r"uchar|wchar)\.h$"),
    ("operating system", r".*\.h$"),
    ("standard library", r"[a-z0-9_]+$"),
)


class Room(NamedTuple):
    folder: str  # The files below it, less those of a room further down, are the room's.
    rooms: tuple  # The folders (or beginnings of header names) of the project that it may include, besides itself.
    kinds: tuple  # The KINDS that it may include; "project" is told by `rooms`.


PLAIN = ("standard library", "C", "threads", "Abseil")
SYSTEM = (*PLAIN, "input and output", "operating system")

ROOMS = (
    Room("common", (), (*SYSTEM, "protobuf", "contract", "crypto")),
    # The rules: no input or output, no thread, no clock, and none of the libraries that bring them.
    Room("server/domain", ("common/",), ("standard library", "C", "Abseil", "crypto", "phone numbers")),
    Room("server/store", ("common/", "server/domain/"), (*SYSTEM, "SQL", "protobuf", "crypto")),
    Room("server/vchasno", ("common/", "server/domain/"), (*SYSTEM, "HTTP", "JSON")),
    # Through interfaces: the database behind the store's is no business of theirs.
    Room("server/engine", ("common/", "server/domain/", "server/store/", "server/vchasno/"), PLAIN),
    Room("server/api",
         ("common/", "server/domain/", "server/store/", "server/vchasno/", "server/engine/"),
         (*PLAIN, "protobuf", "contract", "gRPC", "crypto")),
    Room("server/monitoring", ("common/", "server/domain/", "server/store/", "server/engine/"), (*SYSTEM, "Boost")),
    # Flags, wiring, start and stop.
    Room("server", ("common/", "server/"), (*SYSTEM, "protobuf", "contract", "gRPC", "HTTP")),
    Room("client", ("common/", "kasa/client/"), (*SYSTEM, "protobuf", "contract", "gRPC")),
    # The stand-in for Vchasno.Kasa shares no code with the gateway but plain values, nor knows its contract.
    Room("tools/simulator", ("common/",), (*SYSTEM, "JSON", "Boost")),
    # Its durable floor is the database by itself.
    Room("tools/bench", ("common/", "kasa/client/"), (*SYSTEM, "protobuf", "contract", "gRPC", "SQL")),
    Room("tools", ("common/", "kasa/client/"), (*SYSTEM, "protobuf", "contract", "gRPC", "JSON")),
)

# Headers of the project that only some may include, whatever ROOMS says: (beginning of the name, folders, why).
RESERVED = (
    ("server/store/sqlite_", ("server/store", "server/main"), "only server/main.cc knows which database is behind the store"),
)


class Word(NamedTuple):
    pattern: str
    folders: tuple  # Where the rule holds.
    exempt: tuple  # Where it does not, below those.
    why: str


WORDS = (
    Word(r"\babsl::Now\b|_clock::now\b|\b(std::)?time\((nullptr|NULL|0|&)|\bgettimeofday\b|\bclock_gettime\b",
         ("server/domain",), (), "the rules have no clock of their own: time is handed to them"),
    Word(r"\bSendPermitIssuer\b", ("common", "server", "client", "tools"),
         ("server/store", "server/domain/send_permit.h"), "only the store makes permits, after the mark is durable"),
    Word(r"\.detach\(\)", ("common", "server", "client", "tools"), (), "a detached thread outlives what it uses"),
)

SOURCES = {".h", ".hh", ".hpp", ".inc", ".cc", ".cpp"}
INCLUDE = re.compile(r"^\s*#\s*(?:include|include_next|import)\s*[<\"]([^>\"]+)[>\"]")
# Where this project happened to be checked out is nobody else's business.
MACHINE_PATH = re.compile(r"(?<![\w.])/" + r"work/")


def kind_of(header: str) -> str:
    """The KIND of a header, as it is spelled in the include line."""
    for kind, pattern in KINDS:
        if re.match(pattern, header):
            return kind
    return "unknown"


def room_of(path: str) -> Room | None:
    """The innermost room that a file belongs to, if any."""
    inside = [room for room in ROOMS if path.startswith(room.folder + "/")]
    return max(inside, key=lambda room: len(room.folder), default=None)


def without_comments(text: str) -> str:
    """The text with its comments blanked, line numbers kept. String literals are left as they are."""
    token = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)

    def blank(match: re.Match) -> str:
        found = match.group(0)
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found

    return token.sub(blank, text)


def include_error(path: str, room: Room, header: str) -> str | None:
    """Why the room may not include the header, or None."""
    kind = kind_of(header)
    if kind == "project":
        innermost = room_of(header)
        if innermost is not None and innermost.folder == room.folder:
            return None
        if not any(header.startswith(allowed) for allowed in room.rooms):
            return f"{room.folder} may not use {header}"
        for prefix, folders, why in RESERVED:
            if header.startswith(prefix) and not any(path.startswith(folder) for folder in folders):
                return f"{room.folder} may not use {header}: {why}"
        return None
    if kind not in room.kinds:
        return f"{room.folder} may not use {kind} ({header})"
    return None


def below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def check_file(path: str, text: str) -> Iterator[str]:
    """What breaks the rules in one source file, as "path:line: why"."""
    room = room_of(path)
    if room is None:
        return
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        include = INCLUDE.match(line)
        if include:
            error = include_error(path, room, include.group(1))
            if error:
                yield f"{path}:{number}: {error}"
            continue
        for word in WORDS:
            if below(path, word.folders) and not below(path, word.exempt) and re.search(word.pattern, line):
                yield f"{path}:{number}: {word.why}"


def tracked_files(root: pathlib.Path) -> list[str]:
    """The files of the project: those git tracks, or all that lie there when it is no checkout."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"],
                                check=True, capture_output=True).stdout
        names = listed.decode().split("\0")
    else:
        names = [str(file.relative_to(root)) for file in root.rglob("*")
                 if file.relative_to(root).parts[0] not in ("build", ".cache")]
    return sorted(name for name in names if name and (root / name).is_file())


def check_tree(root: pathlib.Path) -> list[str]:
    """What breaks the rules anywhere in the tree."""
    errors = []
    for path in tracked_files(root):
        text = (root / path).read_bytes().decode("utf-8", "replace")
        if pathlib.PurePosixPath(path).suffix in SOURCES:
            errors.extend(check_file(path, text))
        if MACHINE_PATH.search(text):
            errors.append(f"{path}: names a path of the machine that it was written on")
    return errors


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    errors = check_tree(root)
    for error in errors:
        print(error)
    checked = sum(1 for path in tracked_files(root) if room_of(path) and pathlib.PurePosixPath(path).suffix in SOURCES)
    print(f"{checked} files in {len(ROOMS)} rooms checked, {len(errors)} errors")
    # A check of nothing would pass for ever after the folders were renamed.
    return 1 if errors or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
