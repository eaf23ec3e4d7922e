package dev.toolpost.scheduler.state;

import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBufferManager;

/**
 * One block cache and one allowance of write buffers for every store of the process, so that what RocksDB takes outside of the heap does
 * not grow with partitions and stores. Made by Kafka Streams; the sizes come with the streams' configuration. Thread-safe.
 */
public final class SharedRocksMemory implements RocksDBConfigSetter {

    /** Configuration key: bytes of the block cache. */
    public static final String CACHE_BYTES = "toolpost.rocksdb.cache.bytes";

    /** Configuration key: bytes of the write buffers, which count within the block cache. */
    public static final String WRITE_BUFFER_BYTES = "toolpost.rocksdb.write.buffer.bytes";

    private static final long LARGEST_BUFFER = 16L << 20;
    private static final int BLOCK_BYTES = 16 << 10;

    /** Of this many entries in a row so many deletions make a file worth compacting: queues leave little else behind. */
    private static final long DELETION_WINDOW = 4_096;

    private static final long DELETION_TRIGGER = 2_048;

    private record Shared(long cacheBytes, long bufferBytes, Cache cache, WriteBufferManager buffers) {

        static Shared of(long cacheBytes, long bufferBytes) {
            RocksDB.loadLibrary();
            Cache cache = new LRUCache(cacheBytes);
            return new Shared(cacheBytes, bufferBytes, cache, new WriteBufferManager(bufferBytes, cache));
        }
    }

    /** Of the process, not of an instance: instances in one process with equal sizes share it, and it is never given back. */
    private static @Nullable Shared shared;

    private final TablePropertiesCollectorFactory deletions =
            TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                    DELETION_WINDOW, DELETION_TRIGGER, 0.5);

    private final BloomFilter filter = new BloomFilter();

    private static synchronized Shared shared(long cacheBytes, long bufferBytes) {
        Shared known = shared;
        if (known == null || known.cacheBytes != cacheBytes || known.bufferBytes != bufferBytes) {
            known = Shared.of(cacheBytes, bufferBytes);
            shared = known;
        }
        return known;
    }

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        Shared memory = shared(bytes(configs, CACHE_BYTES), bytes(configs, WRITE_BUFFER_BYTES));
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(memory.cache)
                .setBlockSize(BLOCK_BYTES)
                .setFilterPolicy(filter)
                .setCacheIndexAndFilterBlocks(true)
                .setPinTopLevelIndexAndFilter(true)
                .setPinL0FilterAndIndexBlocksInCache(true);
        options.setTableFormatConfig(table)
                .setWriteBufferManager(memory.buffers)
                .setWriteBufferSize(Math.min(LARGEST_BUFFER, memory.bufferBytes / 2))
                .setMaxWriteBufferNumber(3)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setTablePropertiesCollectorFactory(List.of(deletions));
    }

    private static long bytes(Map<String, Object> configs, String key) {
        Object value = configs.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + ": not set (expected: a number of bytes)");
        }
        return Long.parseLong(value.toString());
    }

    @Override
    public void close(String storeName, Options options) {
        deletions.close();
        filter.close();
    }
}
