package dev.toolpost.worker.memory;

/**
 * What a worker's heap is used for that grows with its load, and how much of it each may take; the rest is for calls in flight and all else.
 *
 * @param read records that were read and not begun with
 * @param waiting calls that wait, and their records
 * @param turns pages of traversals until their frames are committed
 */
public record HeapParts(HeapPart read, HeapPart waiting, HeapPart turns) {

    /** Of this process's heap: an eighth, a third and an eighth. */
    public static HeapParts ofHeap() {
        long heap = Runtime.getRuntime().maxMemory();
        return new HeapParts(new HeapPart(heap / 8), new HeapPart(heap / 3), new HeapPart(heap / 8));
    }
}
