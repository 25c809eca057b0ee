"""That rooms.py sees what it is there to see: forbidden lines are planted in a tree of its own."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import rooms


class Plant(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def errors_of(self, path, line):
        self.plant(path, f"// A file.\n{line}\n")
        errors = rooms.check_tree(self.root)
        (self.root / path).unlink()
        return errors

    def assert_refused(self, path, line, words):
        with self.subTest(path=path, line=line):
            errors = self.errors_of(path, line)
            self.assertEqual(len(errors), 1, errors)
            self.assertIn(f"{path}:2:", errors[0])
            self.assertIn(words, errors[0])

    def assert_allowed(self, path, line):
        with self.subTest(path=path, line=line):
            self.assertEqual(self.errors_of(path, line), [])

    def test_the_domain_includes_no_sql_http_json_grpc_or_threads(self):
        for header, kind in (
            ("<sqlite3.h>", "SQL"), ('"SQLiteCpp/Database.h"', "SQL"), ("<SQLiteCpp/SQLiteCpp.h>", "SQL"),
            ("<curl/curl.h>", "HTTP"), ('"rapidjson/document.h"', "JSON"), ("<nlohmann/json.hpp>", "JSON"),
            ("<grpcpp/grpcpp.h>", "gRPC"), ('"grpc/grpc.h"', "gRPC"), ('"kasa/v1/receipt_service.grpc.pb.h"', "gRPC"),
            ('"kasa/v1/receipt.pb.h"', "contract"), ("<google/protobuf/message.h>", "protobuf"),
            ("<fstream>", "input and output"), ("<thread>", "threads"), ("<unistd.h>", "operating system"),
            ("<boost/asio.hpp>", "Boost"), ("<pqxx/pqxx>", "SQL"), ("<other/library.h>", "operating system"),
            ("<other/library.hpp>", "unknown"),
        ):
            self.assert_refused("server/domain/pricing.cc", f"#include {header}", f"may not use {kind} (")

    def test_a_room_includes_no_room_above_it(self):
        for path, header in (
            ("server/domain/pricing.h", "server/store/store.h"), ("server/domain/pricing.h", "server/vchasno/client.h"),
            ("server/domain/pricing.h", "server/engine/lane.h"), ("server/domain/pricing.h", "server/api/encode.h"),
            ("common/money.cc", "server/domain/tag.h"), ("common/money.cc", "client/client.h"),
            ("server/store/writer.cc", "server/vchasno/client.h"), ("server/store/writer.cc", "server/engine/lane.h"),
            ("server/vchasno/client.cc", "server/store/store.h"), ("server/engine/lane.cc", "server/api/encode.h"),
            ("server/engine/lane.cc", "client/client.h"), ("client/client.cc", "server/domain/tag.h"),
            ("tools/demo_client/main.cc", "server/domain/tag.h"), ("tools/simulator/main.cc", "client/client.h"),
            ("tools/simulator/main.cc", "server/domain/pricing.h"), ("server/api/server.cc", "tests/store/fixture.h"),
        ):
            self.assert_refused(path, f'#include "{header}"', f"may not use {header}")

    def test_the_client_is_known_by_the_names_that_it_is_installed_under(self):
        line = '#include "kasa/client/client.h"'
        self.assert_refused("server/api/server.cc", line, "may not use kasa/client/client.h")
        self.assert_refused("tools/simulator/main.cc", line, "may not use kasa/client/client.h")
        self.assert_allowed("tools/demo_client/main.cc", line)
        self.assert_allowed("client/client.cc", line)

    def test_each_library_stays_in_its_room(self):
        for path, header in (
            ("server/store/writer.cc", "<grpcpp/grpcpp.h>"), ("server/store/writer.cc", "<curl/curl.h>"),
            ("server/vchasno/wire.cc", "<sqlite3.h>"), ("server/vchasno/wire.cc", "<grpcpp/grpcpp.h>"),
            ("server/engine/lane.cc", "<sqlite3.h>"), ("server/engine/lane.cc", "<grpcpp/grpcpp.h>"),
            ("server/engine/lane.cc", "<curl/curl.h>"), ("server/engine/lane.cc", "<rapidjson/document.h>"),
            ("server/api/decode.cc", "<sqlite3.h>"), ("server/api/decode.cc", "<rapidjson/document.h>"),
            ("common/money.cc", "<grpcpp/grpcpp.h>"), ("common/money.cc", "<sqlite3.h>"),
            ("common/money.cc", "<curl/curl.h>"), ("tools/simulator/main.cc", "<kasa/v1/receipt.pb.h>"),
        ):
            self.assert_refused(path, f"#include {header}", "may not use")

    def test_only_the_wiring_knows_the_database_behind_the_store(self):
        line = '#include "server/store/sqlite_store.h"'
        self.assert_refused("server/engine/lane.cc", line, "only server/main.cc")
        self.assert_refused("server/api/server.cc", line, "only server/main.cc")
        self.assert_allowed("server/main.cc", line)
        self.assert_allowed("server/store/sqlite_store.cc", line)

    def test_the_domain_has_no_clock(self):
        for line in ("auto now = absl::Now();", "auto now = std::chrono::system_clock::now();", "time(nullptr);"):
            self.assert_refused("server/domain/tag.cc", line, "no clock")
            self.assert_allowed("server/engine/lane.cc", line)

    def test_only_the_store_makes_permits(self):
        line = "auto permit = SendPermitIssuer::IssueAfterDurableMark(1, body);"
        self.assert_refused("server/engine/lane.cc", line, "only the store")
        self.assert_allowed("server/store/writer.cc", line)
        self.assert_allowed("tests/vchasno/client_test.cc", line)

    def test_what_the_rooms_are_for_is_allowed(self):
        for path, header in (
            ("server/domain/pricing.cc", '"common/money.h"'), ("server/domain/pricing.cc", "<vector>"),
            ("server/domain/pricing.cc", '"absl/status/status.h"'), ("server/domain/tag.cc", '"server/domain/tag.h"'),
            ("server/store/writer.cc", "<SQLiteCpp/SQLiteCpp.h>"), ("server/vchasno/transport.cc", "<curl/curl.h>"),
            ("server/vchasno/wire.cc", '"rapidjson/reader.h"'), ("server/engine/lane.cc", '"server/store/store.h"'),
            ("server/api/server.cc", "<grpcpp/grpcpp.h>"), ("server/main.cc", '"server/api/server.h"'),
            ("client/client.cc", '"kasa/v1/receipt_service.grpc.pb.h"'), ("tools/simulator/main.cc", "<boost/beast.hpp>"),
            ("tests/domain/pricing_test.cc", "<sqlite3.h>"),
        ):
            self.assert_allowed(path, f"#include {header}")

    def test_comments_do_not_count_and_odd_spacing_does(self):
        self.assert_allowed("server/domain/tag.cc", "// #include <sqlite3.h>, absl::Now()")
        self.assert_allowed("server/domain/tag.cc", "/* #include <sqlite3.h> */")
        self.assert_allowed("server/domain/tag.cc", "/*\n#include <sqlite3.h>\n*/")
        self.assert_refused("server/domain/tag.cc", "  #  include<sqlite3.h>", "SQL")
        self.assert_refused("server/domain/tag.cc", 'const char* url = "//"; auto now = absl::Now();', "no clock")

    def test_paths_of_a_machine_are_seen_in_any_file(self):
        path = "/" + "work/main/README.md"
        self.plant("docs/api.md", f"See {path}.\n")
        self.assertEqual(len(rooms.check_tree(self.root)), 1)
        self.plant("docs/api.md", "See frame" + path[1:] + " and https://example.com" + path + "\n")
        self.assertEqual(rooms.check_tree(self.root), [])

    def test_only_what_git_tracks_counts_in_a_checkout(self):
        self.plant("server/domain/tag.cc", "#include <sqlite3.h>\n")
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.assertEqual(rooms.check_tree(self.root), [])
        subprocess.run(["git", "-C", str(self.root), "add", "server"], check=True)
        self.assertEqual(len(rooms.check_tree(self.root)), 1)

    def run_script(self):
        return subprocess.run([sys.executable, rooms.__file__, str(self.root)], capture_output=True, text=True)

    def test_the_script_fails_for_an_error_and_for_a_tree_without_rooms(self):
        self.assertEqual(self.run_script().returncode, 1)
        self.plant("server/domain/tag.cc", "#include <string>\n")
        self.assertEqual(self.run_script().returncode, 0)
        self.plant("server/domain/tag.cc", "#include <sqlite3.h>\n")
        result = self.run_script()
        self.assertEqual(result.returncode, 1)
        self.assertIn("server/domain/tag.cc:1: server/domain may not use SQL (sqlite3.h)", result.stdout)


if __name__ == "__main__":
    unittest.main()
