#pragma once
#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/encoding.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace sarrow {
/// The pages of one column without repetition, piece by piece: who is missing, and values, or indices into a dictionary where the page has
/// them. Decoders are Arrow's. Throws ParquetException.
template <class Type>
class DirectPages {
 public:
  using Value = typename Type::c_type;

  DirectPages(parquet::RowGroupReader &group, int column, arrow::MemoryPool *pool)
      : pages_(group.GetColumnPageReader(column)), description_(group.metadata()->schema()->Column(column)), pool_(pool),
        full_level_(description_->max_definition_level()) {}

  /// Rows of one page.
  struct Piece {
    int64_t rows;
    /// Of those, how many are not missing.
    int64_t values;
    /// Nobody is missing, and there are no `levels()`.
    bool is_full;
    /// The values are `indices()` into `dictionary()`.
    bool is_coded;
  };

  /// Row that comes next.
  int64_t row() const { return row_; }
  /// Per row of the last piece: not missing where it is `full_level()`.
  const int16_t *levels() const { return levels_.data(); }
  int16_t full_level() const { return full_level_; }
  /// Of the last piece; one more may be read.
  const int32_t *indices() const { return indices_.data(); }
  const Value *values() const { return values_.get(); }
  const Value *dictionary() const { return dictionary_; }
  int32_t dictionary_size() const { return dictionary_size_; }

  /// Reads up to `most` rows.
  Piece next(int64_t most) {
    while (left_ == 0) open_page();
    int n = static_cast<int>(std::min<int64_t>(most, left_));
    Piece piece{n, n, true, is_coded_};
    if (full_level_ > 0) {
      levels_.resize(static_cast<size_t>(n));
      if (level_decoder_.Decode(n, levels_.data()) != n) fail_short();
      piece.values = std::count(levels_.begin(), levels_.end(), full_level_);
      piece.is_full = piece.values == n;
    }
    if (piece.is_coded) {
      read_indices(static_cast<int>(piece.values));
    } else {
      read_values(static_cast<int>(piece.values));
    }
    left_ -= n;
    row_ += n;
    return piece;
  }

  void skip_to(int64_t wanted) {
    while (row_ < wanted) {
      if (left_ == 0) open_page();
      if (left_ <= wanted - row_) {
        row_ += left_;
        left_ = 0;
      } else {
        next(std::min<int64_t>(wanted - row_, 1024));
      }
    }
  }

 private:
  std::unique_ptr<parquet::PageReader> pages_;
  const parquet::ColumnDescriptor *description_;
  arrow::MemoryPool *pool_;
  /// 0: nobody is missing, and pages have no levels.
  int16_t full_level_;
  parquet::LevelDecoder level_decoder_;
  std::unique_ptr<parquet::TypedDecoder<Type>> decoder_;
  std::unique_ptr<parquet::DictDecoder<Type>> dictionary_decoder_;
  const Value *dictionary_ = nullptr;
  int32_t dictionary_size_ = 0;

  /// Holds what the decoders read.
  std::shared_ptr<parquet::Page> page_;
  bool is_coded_ = false;
  /// Rows of the page that come next.
  int64_t left_ = 0;
  int64_t row_ = 0;

  std::vector<int16_t> levels_;
  std::vector<int32_t> indices_;
  std::unique_ptr<Value[]> values_;
  int room_ = 0;

  [[noreturn]] static void fail_short() { throw parquet::ParquetException("a page has fewer values than it announces"); }

  void read_indices(int n) {
    indices_.resize(static_cast<size_t>(n) + 1);
    indices_[static_cast<size_t>(n)] = 0;
    if (n == 0) return;
    if (dictionary_decoder_->DecodeIndices(n, indices_.data()) != n) fail_short();
    uint32_t largest = 0;
    for (int i = 0; i < n; i++) largest = std::max(largest, static_cast<uint32_t>(indices_.data()[i]));
    if (largest >= static_cast<uint32_t>(dictionary_size_)) throw parquet::ParquetException("a dictionary index is out of range");
  }
  void read_values(int n) {
    if (n > room_) {
      values_ = std::make_unique<Value[]>(static_cast<size_t>(n));
      room_ = n;
    }
    if (n > 0 && decoder_->Decode(values_.get(), n) != n) fail_short();
  }

  /// Goes on to the next page; it may have no rows.
  void open_page() {
    page_ = pages_->NextPage();
    if (!page_) throw parquet::ParquetException("a column has fewer rows than its row group");
    switch (page_->type()) {
      case parquet::PageType::DICTIONARY_PAGE: return set_dictionary(static_cast<const parquet::DictionaryPage &>(*page_));
      case parquet::PageType::DATA_PAGE: return set_data(static_cast<const parquet::DataPageV1 &>(*page_));
      case parquet::PageType::DATA_PAGE_V2: return set_data(static_cast<const parquet::DataPageV2 &>(*page_));
      default: return;  // Indices of pages are passed over.
    }
  }

  void set_dictionary(const parquet::DictionaryPage &page) {
    if (dictionary_decoder_) throw parquet::ParquetException("a column has more than one dictionary");
    if (page.encoding() != parquet::Encoding::PLAIN && page.encoding() != parquet::Encoding::PLAIN_DICTIONARY)
      parquet::ParquetException::NYI("dictionaries that are not plain");
    auto entries = parquet::MakeTypedDecoder<Type>(parquet::Encoding::PLAIN, description_, pool_);
    entries->SetData(page.num_values(), page.data(), page.size());
    dictionary_decoder_ = parquet::MakeDictDecoder<Type>(description_, pool_);
    if (!dictionary_decoder_) parquet::ParquetException::NYI("a dictionary of this type");
    dictionary_decoder_->SetDict(entries.get());
    dictionary_decoder_->GetDictionary(&dictionary_, &dictionary_size_);
  }

  void set_data(const parquet::DataPageV1 &page) {
    if (page.num_values() < 0) fail_short();
    int length = 0;
    if (full_level_ > 0)
      length = level_decoder_.SetData(page.definition_level_encoding(), full_level_, page.num_values(), page.data(), page.size());
    set_values(page, length);
  }
  void set_data(const parquet::DataPageV2 &page) {
    // Some writers announce repetition levels that are not used.
    int64_t repetition = page.repetition_levels_byte_length(), definition = page.definition_levels_byte_length();
    if (page.num_values() < 0 || repetition < 0 || definition < 0 || repetition + definition > page.size()) fail_short();
    if (full_level_ > 0)
      level_decoder_.SetDataV2(static_cast<int32_t>(definition), full_level_, page.num_values(), page.data() + repetition);
    set_values(page, static_cast<int>(repetition + definition));
  }
  /// The values stand `offset` bytes behind the start of the page.
  void set_values(const parquet::DataPage &page, int offset) {
    auto encoding = page.encoding();
    is_coded_ = encoding == parquet::Encoding::RLE_DICTIONARY || encoding == parquet::Encoding::PLAIN_DICTIONARY;
    if (is_coded_ && !dictionary_decoder_) throw parquet::ParquetException("a page needs a dictionary that is not there");
    if (!is_coded_ && (!decoder_ || decoder_->encoding() != encoding))
      decoder_ = parquet::MakeTypedDecoder<Type>(encoding, description_, pool_);
    const uint8_t *data = page.data() + offset;
    int size = page.size() - offset;
    if (is_coded_) {
      dictionary_decoder_->SetData(page.num_values(), data, size);
    } else {
      decoder_->SetData(page.num_values(), data, size);
    }
    left_ = page.num_values();
  }
};
}  // namespace sarrow
