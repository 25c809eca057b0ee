#include "tests/simulation/gateway_process.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "server/store/sqlite_store.h"
#include "server/vchasno/rest_client.h"
#include "tests/simulation/simulated_transport.h"

namespace kasa::simulation {
namespace {

// The store's lock and the (empty) file that it makes before SQLite opens it are real ones; gone with the
// process that made them.
class RealFolder {
 public:
  RealFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kasa_simulation_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = std::filesystem::canonical(pattern);
  }
  ~RealFolder() {
    if (!IsOurs()) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  RealFolder(const RealFolder&) = delete;
  RealFolder& operator=(const RealFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  bool IsOurs() const { return getpid() == owner_; }

 private:
  const pid_t owner_ = getpid();
  std::filesystem::path path_;
};

domain::InstallationId Installation() {
  return *domain::InstallationId::Parse("5eed5eed");
}

}  // namespace

std::string DatabasePath() {
  static std::unique_ptr<RealFolder> folder;
  // Jobs are forks, and would wait for each other's locks.
  if (folder == nullptr || !folder->IsOurs()) folder = std::make_unique<RealFolder>();
  return (folder->path() / "kasa.db").string();
}

GatewayProcess::GatewayProcess(const GatewayParts& parts, Timeline::Owner owner,
                               std::shared_ptr<MemoryDisk> disk, Random random)
    : parts_(parts),
      owner_(owner),
      disk_(std::move(disk)),
      random_(random.Fork(1)),
      lane_executor_(parts.timeline, owner, random.Fork(2)),
      work_executor_(parts.timeline, owner, random.Fork(3)),
      writer_(parts.timeline, owner, random.Fork(4)),
      logger_(
          parts.timeline,
          [this](absl::string_view line) {
            parts_.coverage.CountLogLine(line);
            parts_.trace.Say("    ", line);
          },
          Severity::kDebug) {
  writer_.gives_up = [this] { return disk_->dead(); };
}

GatewayProcess::~GatewayProcess() {
  parts_.timeline.Disown(owner_);
  disk_->Die();
  TakeDown();
}

void GatewayProcess::CloseCleanly() {
  parts_.timeline.Disown(owner_);
  TakeDown();
}

void GatewayProcess::TakeDown() {
  client_.reset();
  store_.reset();
  engine_.reset();
}

absl::Status GatewayProcess::Open() {
  parts_.vfs.Mount(disk_);
  auto store = store::OpenSqliteStore({.path = DatabasePath(),
                                       .installation = Installation(),
                                       .reader_connections = 1,
                                       .vfs = parts_.vfs.name(),
                                       .writer_runner = &writer_},
                                      parts_.timeline);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  client_ = std::make_unique<vchasno::RestClient>(
      std::make_unique<SimulatedTransport>(parts_.timeline, owner_, parts_.cloud, parts_.watch,
                                           parts_.settings.request_timeout),
      "https://kasa.example", parts_.kyiv, parts_.timeline);
  engine_ = engine::MakeEngine({.store = *store_,
                                .client = *client_,
                                .lane_executor = lane_executor_,
                                .work_executor = work_executor_,
                                .clock = parts_.timeline,
                                .kyiv = parts_.kyiv,
                                .logger = logger_,
                                .installation = Installation(),
                                .store_is_ours = parts_.store_is_ours,
                                .settings = parts_.settings,
                                .random = [this] { return random_.Fraction(); }});
  engine_->Start([this](absl::Status status) {
    started_ = status.ok();
    start_failed_ = !status.ok();
    if (!status.ok()) parts_.trace.Say("the engine did not start: ", std::string(status.message()));
  });
  return absl::OkStatus();
}

void GatewayProcess::Drain() {
  engine_->Drain(absl::Seconds(30), [this](bool) { drained_ = true; });
}

const DiskImage& EmptyStore(MemoryVfs& vfs) {
  static std::map<std::string, DiskImage> images;  // by the database's path, which is another one in a fork
  const auto made = images.find(DatabasePath());
  if (made != images.end()) return made->second;
  return images[DatabasePath()] = [&vfs] {
    auto disk = std::make_shared<MemoryDisk>();
    vfs.Mount(disk);
    Timeline timeline(absl::FromUnixSeconds(1764000000));
    SimulatedWriter writer(timeline, 1, Random(0));
    auto store = store::OpenSqliteStore(
        {.path = DatabasePath(), .installation = Installation(), .vfs = vfs.name(), .writer_runner = &writer},
        timeline);
    if (!store.ok()) throw std::runtime_error(store.status().ToString());
    store->reset();
    return disk->Synced();
  }();
}

DiskImage CopyOf(const DiskImage& image) {
  DiskImage copy;
  for (const auto& [name, file] : image) copy[name] = file->AfterKill();
  return copy;
}

}  // namespace kasa::simulation
