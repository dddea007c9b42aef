// A Breeze node within a .NET program, on libbreeze. It works on Mono and on .NET.
using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Breeze
{
    /// <summary>A call was refused; the code is a breeze_result.</summary>
    public sealed class BreezeException : Exception
    {
        public uint Code { get; private set; }

        internal BreezeException(uint code, string text) : base(text)
        {
            Code = code;
        }
    }

    /// <summary>
    /// A node that runs until it is disposed. It logs in by itself, and an event tells when it has. Events
    /// and commands are the lines of JSON that <c>breeze up --json</c> has. What is null is what the home
    /// remembers, or the default. It may be used from any threads at once.
    /// </summary>
    public sealed class Node : IDisposable
    {
        const uint AbiVersion = 1, Ok = 0, BufferTooSmall = 12, TimedOut = 301, Ended = 302;

        readonly Handle node;
        // Who takes events does so in turn: the buffer is one.
        readonly object turn = new object();
        byte[] buffer = new byte[4096];

        public Node(string home, string server, string user, string name = null, string mesh = null)
        {
            if (breeze_abi_version() != AbiVersion)
                throw new BreezeException(0, "libbreeze has another ABI than this program");
            var options = new Options();
            Check(breeze_node_options_default(ref options, (UIntPtr)Marshal.SizeOf(options)));
            var texts = new[] { home, server, user, name, mesh };
            var pointers = Array.ConvertAll(texts, ToNative);
            try
            {
                options.Home = pointers[0];
                options.Server = pointers[1];
                options.User = pointers[2];
                options.Name = pointers[3];
                options.Mesh = pointers[4];
                var why = new byte[2048];
                uint result = breeze_node_start(ref options, out node, why, (UIntPtr)why.Length);
                if (result != Ok)
                {
                    node.SetHandleAsInvalid();
                    int length = Array.IndexOf(why, (byte)0);
                    string text = length > 0 ? Encoding.UTF8.GetString(why, 0, length) : Text(result);
                    throw new BreezeException(result, text);
                }
            }
            finally
            {
                Array.ForEach(pointers, Marshal.FreeHGlobal);
            }
        }

        /// <summary>Sends a text; events about it carry the reference.</summary>
        public void Send(string to, string text, string reference = null)
        {
            Check(breeze_node_send(node, Bytes(to), Bytes(text), Bytes(reference)));
        }

        /// <summary>Gives a command, a line of JSON.</summary>
        public void Command(string line)
        {
            Check(breeze_node_command(node, Bytes(line)));
        }

        /// <summary>Waits for the next event, a line of JSON. Null once none will come.</summary>
        public string NextEvent()
        {
            string line;
            while (TryNextEvent(ulong.MaxValue, out line))
                if (line != null) return line;
            return null;
        }

        /// <summary>
        /// Waits for the next event, up to that many milliseconds; null if none came. False once none will.
        /// </summary>
        public bool TryNextEvent(ulong milliseconds, out string line)
        {
            line = null;
            lock (turn)
            {
                for (;;)
                {
                    UIntPtr length;
                    uint result = breeze_node_next_event(node, milliseconds, buffer,
                                                         (UIntPtr)buffer.Length, out length);
                    if (result == Ended) return false;
                    if (result == TimedOut) return true;
                    if (result == BufferTooSmall)
                    {
                        buffer = new byte[(int)length + 1];
                        continue;
                    }
                    Check(result);
                    line = Encoding.UTF8.GetString(buffer, 0, (int)length);
                    return true;
                }
            }
        }

        /// <summary>Ends the node in good order; events come until it has ended.</summary>
        public void Stop()
        {
            Check(breeze_node_stop(node));
        }

        /// <summary>
        /// Ends the node in good order, and so lets go of whoever waits for an event. Twice is harmless.
        /// </summary>
        public void Dispose()
        {
            if (!node.IsClosed) breeze_node_stop(node);
            node.Dispose();
        }

        static void Check(uint result)
        {
            if (result != Ok) throw new BreezeException(result, Text(result));
        }

        static string Text(uint result)
        {
            return Marshal.PtrToStringAnsi(breeze_result_text(result));
        }

        // UTF-8 with a NUL, whatever the platform takes for "ANSI".
        static byte[] Bytes(string text)
        {
            if (text == null) return null;
            // C would take what stands before it for all of it.
            if (text.IndexOf('\0') >= 0) throw new ArgumentException("a text has a NUL character");
            return Encoding.UTF8.GetBytes(text + "\0");
        }

        static IntPtr ToNative(string text)
        {
            if (text == null) return IntPtr.Zero;
            var bytes = Bytes(text);
            var pointer = Marshal.AllocHGlobal(bytes.Length);
            Marshal.Copy(bytes, 0, pointer, bytes.Length);
            return pointer;
        }

        // It is freed once no call with it is under way.
        sealed class Handle : SafeHandle
        {
            Handle() : base(IntPtr.Zero, true) { }

            public override bool IsInvalid
            {
                get { return handle == IntPtr.Zero; }
            }

            protected override bool ReleaseHandle()
            {
                return breeze_node_free(handle) == Ok;
            }
        }

        [StructLayout(LayoutKind.Sequential)]
        struct Options
        {
            public UIntPtr Size;
            public IntPtr Home, Server, User, Name, Code, Mesh, Presence;
            public ushort Listen;
        }

        const string Library = "breeze";

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_abi_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern IntPtr breeze_result_text(uint result);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_options_default(ref Options options, UIntPtr size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_start(ref Options options, out Handle node, byte[] error,
                                             UIntPtr errorSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_send(Handle node, byte[] to, byte[] text, byte[] reference);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_command(Handle node, byte[] line);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_next_event(Handle node, ulong milliseconds, byte[] buffer,
                                                  UIntPtr size, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_stop(Handle node);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        static extern uint breeze_node_free(IntPtr node);
    }
}
