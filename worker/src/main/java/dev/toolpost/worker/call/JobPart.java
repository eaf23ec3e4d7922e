package dev.toolpost.worker.call;

/**
 * The part of a job that a call carries out.
 *
 * @param jobId the job
 * @param number of the part
 * @param run which run of the part, from 0
 * @param answersErrors whether an error is answered like that of any call; else the job decides what becomes of the part
 */
record JobPart(String jobId, int number, int run, boolean answersErrors) {}
