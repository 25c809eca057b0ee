// Comes before every source of the build `tsan`.
//
// protobuf's headers give map fields two members more where they see ThreadSanitizer's macro; Debian's
// libprotobuf was built without them, and takes other members for those it knows: google.rpc.ErrorInfo's
// metadata is ruined. So they must not see it. The standard library must, and reads it here first, because
// one of its shortcuts (both counts of a shared_ptr at once) would look like a race. Nothing else depends on
// it: what is checked is decided by the compiler's flag.
#include <version>

#undef __SANITIZE_THREAD__
