package dev.toolpost.scheduler.schedule;

/** A schedule that can never run as it is. The message says why and what is expected. */
final class InvalidScheduleException extends RuntimeException {
    InvalidScheduleException(String message) {
        super(message);
    }
}
