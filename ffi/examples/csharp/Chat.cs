// Chat HOME SERVER USER PEER [MESH]: what is typed goes to PEER, what happens is printed.
using System;
using System.IO;
using System.Text;
using System.Threading;
using Breeze;

static class Chat
{
    static int Main(string[] arguments)
    {
        if (arguments.Length < 4)
        {
            Console.Error.WriteLine("usage: Chat HOME SERVER USER PEER [MESH]");
            return 2;
        }
        try
        {
            var mesh = arguments.Length > 4 ? arguments[4] : null;
            Run(arguments[0], arguments[1], arguments[2], arguments[3], mesh);
            return 0;
        }
        catch (BreezeException error)
        {
            Console.Error.WriteLine("Chat: " + error.Message);
            return 1;
        }
    }

    static void Run(string home, string server, string user, string peer, string mesh)
    {
        var utf8 = new UTF8Encoding(false);
        var input = new StreamReader(Console.OpenStandardInput(), utf8);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
        using (var node = new Node(home, server, user, mesh: mesh))
        {
            var printing = new Thread(() =>
            {
                string line;
                while ((line = node.NextEvent()) != null) output.WriteLine(line);
            });
            printing.Start();
            string text;
            while ((text = input.ReadLine()) != null) node.Send(peer, text);
            node.Stop();
            printing.Join();
        }
    }
}
