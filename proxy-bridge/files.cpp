#include "proxy-bridge/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <poll.h>
#include <thread>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>
#include <sys/eventfd.h>

#include "proxy-bridge/configuration_files.h"
#include "proxy-bridge/directory_watch.h"
#include "proxy-bridge/durable_file.h"
#include "proxy-bridge/file_set.h"
#include "proxy-bridge/generations.h"

namespace haguard::proxy {
namespace {

using Clock = std::chrono::steady_clock;
using Order = std::variant<FollowFiles, LoadReloadState, WriteJournal, StageFiles, KeepStaged,
                           RestoreGeneration, UndoRestore>;

/// What the kernel gives no hint of is found by a look this often.
constexpr std::chrono::milliseconds kLookInterval{2000};
/// Between two looks, however fast the files change.
constexpr std::chrono::milliseconds kShortest{50};
constexpr std::chrono::seconds kGrace{2};
/// A file that changes while it is copied is tried again.
constexpr int kStageAttempts = 3;

bool differs(const Survey& one, const Survey& other) {
  return one.digest != other.digest || one.flaw != other.flaw || one.changed_at != other.changed_at;
}

/// What the thread does, step by step; knows nothing of threads.
class Keeper {
 public:
  Keeper(conf::Haproxy haproxy, const std::string& directory)
      : haproxy_(std::move(haproxy)),
        journal_(directory + "/reload.json"),
        directory_(directory),
        generations_(directory, haproxy_.reload.generations) {}

  [[nodiscard]] int descriptor() const { return watch_.descriptor(); }

  /// When look() is due; none: nobody follows.
  [[nodiscard]] std::optional<Clock::time_point> due() const {
    if (!followed_) {
      return std::nullopt;
    }
    const bool soon = dirty_ || !surveyor_.is_settled();
    return looked_at_ + (soon ? kShortest : kLookInterval);
  }

  void note_hints() { dirty_ = watch_.drain() || dirty_; }

  /// The survey, when it tells something new.
  std::optional<ReloadEvent> look() {
    dirty_ = false;
    looked_at_ = Clock::now();
    watch_.renew();
    const auto passes = surveyor_.passes();
    const FileSet& set = surveyor_.look(*followed_);
    if (surveyor_.passes() != passes) {
      watch_.follow(set.watched);
      dirty_ = true;  // for what happened before it was watched
    }
    if (told_ && !differs(*told_, set.survey)) {
      return std::nullopt;
    }
    told_ = set.survey;
    return FilesSurveyed{set.survey, master_pid_};
  }

  std::optional<ReloadEvent> perform(const FollowFiles& action) {
    followed_ = configuration_sources(haproxy_, action.master_pid);
    master_pid_ = action.master_pid;
    told_.reset();
    return look();
  }

  std::optional<ReloadEvent> perform(const LoadReloadState& /*action*/) {
    const auto loaded = generations_.load(std::chrono::system_clock::now());
    StateLoaded event{generations_.list(), {}, loaded.completed_restore, loaded.error};
    auto content = read_content(journal_, kLargestContent, Keep::Text);
    if (const auto* failure = std::get_if<FileFailure>(&content)) {
      if (failure->number != ENOENT && event.error.empty()) {
        event.error = failure->text;
      }
    } else {
      event.journal = std::move(std::get<Content>(content).text);
    }
    return event;
  }

  std::optional<ReloadEvent> perform(const WriteJournal& action) const {
    std::string error = make_private_directory(directory_);
    return JournalWritten{error.empty() ? write_durably(journal_, action.text) : error};
  }

  std::optional<ReloadEvent> perform(const StageFiles& action) {
    const auto sources = configuration_sources(haproxy_, action.master_pid);
    FilesStaged event;
    for (int attempt = 0; attempt < kStageAttempts; ++attempt) {
      event.at = std::chrono::system_clock::now();
      const FileSet& set = surveyor_.look(sources);
      const bool again = attempt > 0 && !differs(event.survey, set.survey);
      event.survey = set.survey;
      if (again) {
        break;  // the files are as they were: it is not their change that made it fail
      }
      event.error = generations_.stage(set, event.at);
      if (event.error.empty()) {
        break;
      }
    }
    return event;
  }

  std::optional<ReloadEvent> perform(const KeepStaged& action) {
    std::string error = generations_.keep_staged(action.version);
    return GenerationKept{generations_.list(), std::move(error)};
  }

  std::optional<ReloadEvent> perform(const RestoreGeneration& action) {
    auto restored = generations_.restore(action.id, std::chrono::system_clock::now());
    return FilesRestored{action.id, std::move(restored.rejected), std::move(restored.error)};
  }

  std::optional<ReloadEvent> perform(const UndoRestore& /*action*/) {
    return RestoreUndone{generations_.undo_restore()};
  }

 private:
  conf::Haproxy haproxy_;
  std::string journal_;
  std::string directory_;
  Generations generations_;
  FileSurveyor surveyor_;
  DirectoryWatch watch_;
  std::optional<ConfigurationSources> followed_;
  int master_pid_ = 0;  ///< whose they are
  std::optional<Survey> told_;
  Clock::time_point looked_at_{};
  bool dirty_ = false;
};

}  // namespace

/// Shared with its thread, which may outlive everything else.
class Files::Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(boost::asio::io_context& io, const conf::Haproxy& haproxy, const std::string& directory,
         std::weak_ptr<OnReloadEvent> on_event)
      : io_(&io),
        on_event_(std::move(on_event)),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        keeper_(haproxy, directory) {}

  void start() {
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
  }

  void add(Order order) {
    const std::lock_guard lock(mutex_);
    orders_.push_back(std::move(order));
    ::eventfd_write(wake_.get(), 1);
  }

  void stop() {
    std::unique_lock lock(mutex_);
    io_ = nullptr;
    ::eventfd_write(wake_.get(), 1);
    if (!ended_.wait_for(lock, kGrace, [this] { return has_ended_; })) {
      thread_.detach();
      return;
    }
    lock.unlock();
    thread_.join();
  }

 private:
  void run() {
    while (wait()) {
      keeper_.note_hints();
      while (const auto order = next()) {
        tell(std::visit([this](const auto& action) { return keeper_.perform(action); }, *order));
      }
      if (const auto due = keeper_.due(); due && Clock::now() >= *due) {
        tell(keeper_.look());
      }
    }
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_one();
  }

  /// For an order, a hint or the next look; false: it is over.
  bool wait() {
    std::array<pollfd, 2> watched{{{wake_.get(), POLLIN, 0}, {keeper_.descriptor(), POLLIN, 0}}};
    int timeout = -1;
    if (const auto due = keeper_.due()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now());
      timeout = static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
    }
    ::poll(watched.data(), watched.size(), timeout);
    const std::lock_guard lock(mutex_);
    eventfd_t count = 0;
    ::eventfd_read(wake_.get(), &count);
    return io_ != nullptr;
  }

  std::optional<Order> next() {
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr || orders_.empty()) {
      return std::nullopt;
    }
    Order order = std::move(orders_.front());
    orders_.pop_front();
    return order;
  }

  /// With the lock, so that the loop is still there.
  void tell(std::optional<ReloadEvent> event) {
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr || !event) {
      return;
    }
    boost::asio::post(*io_, [on_event = on_event_, event = std::move(*event)]() mutable {
      if (const auto alive = on_event.lock()) {
        (*alive)(std::move(event));
      }
    });
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  boost::asio::io_context* io_;  ///< none: stopped
  std::weak_ptr<OnReloadEvent> on_event_;
  OpenFile wake_;
  std::deque<Order> orders_;
  bool has_ended_ = false;
  Keeper keeper_;  ///< of the thread
  std::thread thread_;
};

Files::Files(boost::asio::io_context& io, const conf::Haproxy& haproxy,
             const std::string& state_dir, OnReloadEvent on_event)
    : on_event_(std::make_shared<OnReloadEvent>(std::move(on_event))) {
  worker_ = std::make_shared<Worker>(io, haproxy, state_dir + "/haproxy", on_event_);
  worker_->start();
}

Files::~Files() {
  worker_->stop();
}

void Files::perform(const FollowFiles& action) {
  worker_->add(action);
}

void Files::perform(const LoadReloadState& action) {
  worker_->add(action);
}

void Files::perform(const WriteJournal& action) {
  worker_->add(action);
}

void Files::perform(const StageFiles& action) {
  worker_->add(action);
}

void Files::perform(const KeepStaged& action) {
  worker_->add(action);
}

void Files::perform(const RestoreGeneration& action) {
  worker_->add(action);
}

void Files::perform(const UndoRestore& action) {
  worker_->add(action);
}

}  // namespace haguard::proxy
