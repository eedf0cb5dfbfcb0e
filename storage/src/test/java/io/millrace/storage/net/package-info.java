@NullMarked
package io.millrace.storage.net;

import org.jspecify.annotations.NullMarked;
