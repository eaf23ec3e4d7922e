package dev.toolpost.worker.http;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;

/**
 * The pools of connections with a client certificate, one for each: what was connected with one certificate never carries another
 * connection's request. A pool that nobody used for a while is closed when the next one is asked for. Thread-safe.
 */
final class CertificatePools implements AutoCloseable {

    private final Function<ClientCertificate, VendorPool> opener;
    private final long idleNanos;
    private final Map<ClientCertificate, Used> pools = new HashMap<>();
    private boolean closed;

    /** @param idleNanos how long a pool is kept that nobody uses */
    CertificatePools(Function<ClientCertificate, VendorPool> opener, long idleNanos) {
        this.opener = opener;
        this.idleNanos = idleNanos;
    }

    /** A pool and who uses it; guarded by the pools' lock. */
    private static final class Used {
        private final VendorPool pool;
        private int exchanges;
        private long leftNanos;

        Used(VendorPool pool) {
            this.pool = pool;
        }
    }

    /** The certificate's pool, open until it is {@linkplain #leave left}. */
    synchronized VendorPool enter(ClientCertificate certificate) {
        if (closed) {
            throw new IllegalStateException("the HTTP client is closed");
        }
        closeUnused();
        Used used = pools.computeIfAbsent(certificate, absent -> new Used(opener.apply(absent)));
        used.exchanges++;
        return used.pool;
    }

    synchronized void leave(ClientCertificate certificate) {
        Used used = pools.get(certificate);
        if (used != null) {
            used.exchanges--;
            used.leftNanos = System.nanoTime();
        }
    }

    private void closeUnused() {
        long now = System.nanoTime();
        for (Iterator<Used> each = pools.values().iterator(); each.hasNext(); ) {
            Used used = each.next();
            if (used.exchanges == 0 && now - used.leftNanos > idleNanos) {
                each.remove();
                used.pool.close();
            }
        }
    }

    /** Pools that are open. */
    synchronized int size() {
        return pools.size();
    }

    @Override
    public synchronized void close() {
        closed = true;
        pools.values().forEach(used -> used.pool.close());
        pools.clear();
    }
}
