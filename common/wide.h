#ifndef KASA_COMMON_WIDE_H_
#define KASA_COMMON_WIDE_H_

namespace kasa {

// Holds the product of any two int64 values: for the steps between amounts, never for an amount itself.
__extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using): an alias can't take __extension__

}  // namespace kasa

#endif  // KASA_COMMON_WIDE_H_
