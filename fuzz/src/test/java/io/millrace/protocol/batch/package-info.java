@NullMarked
package io.millrace.protocol.batch;

import org.jspecify.annotations.NullMarked;
