package dev.toolpost.worker;

import dev.toolpost.worker.rig.OnKafkaImage;

/** As the class above, calls end to end, on the {@code apache/kafka} image. */
@OnKafkaImage
class CallOnKafkaImageTest extends CallTest {}
